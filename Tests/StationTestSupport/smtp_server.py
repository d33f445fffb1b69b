"""An SMTP server for tests: takes mails, or fails in the way it is told to, and writes down what it took.

Usage: smtp_server.py SETTINGS, a JSON object:
  port      where to listen on 127.0.0.1
  records   the file that gets a line of JSON for each mail whose DATA came to its end
  security  "plain", "startTLS" or "implicitTLS"
  chain, key  the certificate, PEM, for the latter two
  user, password  who gets in; without, anybody does
  faults    a list of what becomes of the first transactions, one word each: see Handler; afterwards all is taken
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    """Takes mails, and each of the first ones goes wrong as its word says."""

    def __init__(self, settings):
        self.records = settings["records"]
        self.faults = list(settings["faults"])

    def fault(self, *words):
        """The word of this transaction if it is among these; it is used up by that."""
        if self.faults and self.faults[0] in words:
            return self.faults.pop(0)
        return None

    async def handle_MAIL(self, server, session, envelope, address, options):
        fault = self.fault("refuseSender", "hang")
        if fault == "refuseSender":
            return "550 5.7.1 not from you"
        if fault == "hang":
            await asyncio.sleep(3600)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        fault = self.fault("refuseRecipient", "greylist")
        if fault == "refuseRecipient":
            return "550 5.1.1 no such mailbox"
        if fault == "greylist":
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = self.fault("refuseContent", "postponeContent", "dropAfterData", "hangAfterData", "hangAtQuit")
        self.record(server, session, envelope, fault)
        if fault == "refuseContent":
            return "554 5.7.1 looks like spam"
        if fault == "postponeContent":
            return "452 4.3.1 the disk is full"
        if fault == "dropAfterData":
            server.transport.abort()
        if fault == "hangAfterData":
            await asyncio.sleep(3600)
        session.hangs_at_quit = fault == "hangAtQuit"
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        if getattr(session, "hangs_at_quit", False):
            await asyncio.sleep(3600)
        return "221 Bye"

    def record(self, server, session, envelope, fault):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.auth_data,
            "isSecure": server.transport.get_extra_info("ssl_object") is not None,
            "fault": fault,
            "raw": envelope.content.decode("latin-1"),
            "headers": {name: str(value) for name, value in mail.items()},
            "text": mail.get_content().replace("\r\n", "\n"),
        }
        with open(self.records, "a", encoding="utf-8") as file:
            file.write(json.dumps(text) + "\n")


def main():
    settings = json.loads(sys.argv[1])
    security = settings["security"]
    context = None
    if security != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["chain"], settings["key"])
    handler = Handler(settings)

    def authenticate(server, session, envelope, mechanism, data):
        login = [part.decode() if part else "" for part in (data.login, data.password)]
        success = login == [settings["user"], settings["password"]]
        return AuthResult(success=success, handled=False, auth_data=login[0] if success else None)

    def connection():
        wants_login = settings.get("user") is not None
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=context if security == "startTLS" else None,
            authenticator=authenticate if wants_login else None,
            auth_required=wants_login,
            auth_require_tls=security == "startTLS",
            loop=loop,
        )

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    implicit = context if security == "implicitTLS" else None
    loop.run_until_complete(loop.create_server(connection, "127.0.0.1", settings["port"], ssl=implicit))
    print("listening", flush=True)
    loop.run_forever()


main()
