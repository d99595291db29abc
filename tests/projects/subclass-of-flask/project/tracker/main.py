from tracker.server import TrackerServer

service = TrackerServer()
