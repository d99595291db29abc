FLASK_APP=intranet.boot:assemble
FLASK_DEBUG=1
