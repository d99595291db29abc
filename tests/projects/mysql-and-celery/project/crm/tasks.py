from celery import Celery

celery = Celery("crm")
