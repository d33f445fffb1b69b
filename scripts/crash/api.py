"""The station's HTTP API as its clients see it."""

import http.client
import json


class NotSent(Exception):
    """Nobody listened: the request has certainly not been carried out."""


class Unanswered(Exception):
    """The request went out and no answer came: it may have been carried out, or not."""


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    @property
    def is_done(self):
        return 200 <= self.status < 300

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class API:
    """One client with one connection; not to be shared between threads."""

    def __init__(self, port, token=None, timeout=30):
        self._port = port
        self._token = token
        self._timeout = timeout
        self._connection = None

    def request(self, method, path, body=None, token=None):
        """Raises NotSent or Unanswered."""
        if self._connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
            try:
                connection.connect()
            except OSError as error:
                raise NotSent(str(error)) from error
            self._connection = connection
        headers = {"Host": f"127.0.0.1:{self._port}"}
        if token or self._token:
            headers["Authorization"] = f"Bearer {token or self._token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(method, path, data, headers)
            response = self._connection.getresponse()
            answer = Answer(response.status, response.read())
            if response.will_close:
                self.close()
            return answer
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(f"{type(error).__name__} {error}") from error

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None
