class App:
    def run(self):
        print("create_app is not here")


app = App()
