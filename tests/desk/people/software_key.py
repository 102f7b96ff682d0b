"""A security key in software: makes the answers that a browser would get of a real one."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "testserver"
FLAG = AuthenticatorData.FLAG


class Key:
    """One key, for one user of one site."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user = ""

    def added(self, options: dict[str, Any]) -> str:
        """The answer to the options of adding a key, which is a passkey."""
        self.user = options["publicKey"]["user"]["id"]
        public = ES256.from_cryptography_key(self.private.public_key())  # type: ignore[no-untyped-call]
        data = AuthenticatorData.create(
            self._site(), FLAG.UP | FLAG.UV | FLAG.AT, 0, AttestedCredentialData.create(bytes(16), self.id, public)
        )
        said = CollectedClientData.create("webauthn.create", options["publicKey"]["challenge"], f"https://{HOST}")
        answer = {"clientDataJSON": said, "attestationObject": AttestationObject.create("none", data, {})}
        return self._answer(answer, {"credProps": {"rk": True}})

    def signed(self, options: dict[str, Any]) -> str:
        """The answer to the options of signing in."""
        data = AuthenticatorData.create(self._site(), FLAG.UP | FLAG.UV, 1)
        said = CollectedClientData.create("webauthn.get", options["publicKey"]["challenge"], f"https://{HOST}")
        signature = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": said, "authenticatorData": data, "signature": signature}
        return self._answer(answer, {}, userHandle=self.user)

    @staticmethod
    def _site() -> bytes:
        return hashlib.sha256(HOST.encode()).digest()

    def _answer(self, response: dict[str, bytes], results: dict[str, Any], **more: str) -> str:
        encoded = {name: websafe_encode(bytes(value)) for name, value in response.items()} | more
        number = websafe_encode(self.id)
        answer = {"id": number, "rawId": number, "type": "public-key", "response": encoded}
        return json.dumps(answer | {"clientExtensionResults": results})
