"""A small client of the simulated exchange, independent of the project's own: signed REST requests with the standard
library alone. So what it reads about an account is the exchange's word and nobody else's."""

import hashlib
import hmac
import json
import ssl
import time
import urllib.parse
import urllib.request


class ExchangeClient:
    def __init__(self, ready: dict):
        self.rest = ready["rest"].rstrip("/")
        account = ready["accounts"][0]
        self.api_key, self.secret = account["api_key"], account["secret"]
        self.context = ssl.create_default_context(cafile=ready["ca"])

    def get(self, path: str, **parameters):
        """A signed GET. The parameters are encoded first, then signed as they are sent (rest-api.md, "SIGNED")."""
        query = urllib.parse.urlencode({**parameters, "timestamp": int(time.time() * 1000), "recvWindow": 5000})
        signature = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(f"{self.rest}{path}?{query}&signature={signature}",
                                         headers={"X-MBX-APIKEY": self.api_key})
        with urllib.request.urlopen(request, timeout=5, context=self.context) as answer:
            return json.load(answer)

    def orders(self, symbol: str) -> list:
        """All orders of the account on a symbol, oldest first, over as many pages as it takes."""
        found = []
        while True:
            page = self.get("/api/v3/allOrders", symbol=symbol, limit=1000,
                            orderId=found[-1]["orderId"] + 1 if found else 0)
            found += page
            if len(page) < 1000:
                return found

    def open_orders(self) -> list:
        return self.get("/api/v3/openOrders")

    def trades(self, symbol: str) -> list:
        return self.get("/api/v3/myTrades", symbol=symbol, limit=1000)
