BILLS = []
