from flask import Blueprint

from backend.models import ORDERS

orders = Blueprint("orders", __name__)


@orders.route("/orders")
def listing():
    return ORDERS
