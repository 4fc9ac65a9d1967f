"""The Flask service: pages, API and the commands that run them. See `app.create_app`."""
