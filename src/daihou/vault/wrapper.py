"""What wraps a person's data key: the keyset of the home, or a key management service behind the same two methods."""

from typing import Protocol


class Wrapper(Protocol):
    """Authenticated encryption with associated data.

    The names are those of Tink's `Aead`, so the AEAD that a Tink KMS client hands out fits as it is.
    A ciphertext that does not open raises `tink.TinkError`; what else a service raises is passed on.
    """

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext encrypted; the same associated data is needed to open it."""
        ...

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext, or raise when key, ciphertext or associated data are not those of `encrypt`."""
        ...
