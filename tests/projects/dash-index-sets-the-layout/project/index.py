from dash import dcc, html

from app import app
from pages import first

app.layout = html.Div([dcc.Location(id="url"), html.Div(id="page")])

if __name__ == "__main__":
    app.run_server(debug=True)
