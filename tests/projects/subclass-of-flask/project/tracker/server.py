from .base import Base as _Base


class TrackerServer(_Base):
    def __init__(self):
        super().__init__("tracker")
        self.add_url_rule("/", view_func=lambda: "tracker")
