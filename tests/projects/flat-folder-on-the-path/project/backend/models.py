products = []
