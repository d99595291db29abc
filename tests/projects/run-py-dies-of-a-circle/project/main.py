from portal import create_app
from portal.jobs import schedule

app = create_app()
schedule(app)

if __name__ == "__main__":
    app.run()
