// What the form of a review keeps on the device until the server has it: answers and pieces, in the browser's own database (IndexedDB), each bound to its user.
// Offers window.sheetStore. A record of `sheets` is {user, sheet, version, revision, fields, waits, changed, bases, stood, lost, uid, pieces}: the fields as they
// stood, on which revision, which questions wait to be sent and what the server may have had of each when it was typed, what it has of all, what somebody else
// answered meanwhile, the id of the saves that nobody answered yet, and the lists of pieces as the server drew them last. One of `pieces` is {uid, user, sheet,
// to, page, question, shows, name, taken, blob, refused}. Nothing is read for another user than who is asked for; signing out deletes what is theirs.
(() => {
  "use strict";
  const NAME = "daihou-sheets";
  let opened = null;

  const asked = (request) =>
    new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });

  function open() {
    opened ??= new Promise((done, failed) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("sheets", { keyPath: ["user", "sheet"] });
        request.result.createObjectStore("pieces", { keyPath: "uid" }).createIndex("user", "user");
      };
      request.onerror = () => failed(request.error);
      request.onsuccess = () => {
        request.result.onversionchange = () => close(request.result); // another page has a newer kind of it
        done(request.result);
      };
    });
    opened.catch(() => (opened = null));
    return opened;
  }

  function close(database) {
    database.close();
    opened = null;
  }

  // Resolves once it is on the disk, not only asked for; a device without room rejects.
  async function within(name, mode, work) {
    const change = (await open()).transaction(name, mode);
    const ended = new Promise((done, failed) => {
      change.oncomplete = done;
      change.onabort = change.onerror = () => failed(change.error);
    });
    ended.catch(() => {});
    const found = await work(change.objectStore(name));
    await ended;
    return found;
  }

  function uid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    // Without https a browser has no randomUUID; the same by hand (RFC 9562, version 4).
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  const sheet = (user, number) => within("sheets", "readonly", (all) => asked(all.get([user, number])));
  const keepSheet = (record) => within("sheets", "readwrite", (all) => asked(all.put(record)));
  const pieces = (user) => within("pieces", "readonly", (all) => asked(all.index("user").getAll(user)));
  const keepPiece = (piece) => within("pieces", "readwrite", (all) => asked(all.put(piece)));
  const dropPiece = (uid) => within("pieces", "readwrite", (all) => asked(all.delete(uid)));

  async function forget(user, number) {
    await within("sheets", "readwrite", (all) => asked(all.delete([user, number])));
    for (const one of await pieces(user)) if (one.sheet === number) await dropPiece(one.uid);
  }

  // How much waits on this device of those for whom `whose(user)` holds; of all, where nothing is said.
  async function waiting(whose = () => true) {
    const found = await within("sheets", "readonly", (all) => asked(all.getAll()));
    const files = await within("pieces", "readonly", (all) => asked(all.getAll()));
    const answers = found.filter((one) => whose(one.user)).reduce((sum, one) => sum + (one.waits ? one.changed.length || 1 : 0), 0);
    return answers + files.filter((one) => whose(one.user)).length;
  }

  async function forgetUser(user) {
    await within("sheets", "readwrite", (all) => asked(all.delete(IDBKeyRange.bound([user], [user, []]))));
    for (const one of await pieces(user)) await dropPiece(one.uid);
  }

  window.sheetStore = { uid, sheet, keepSheet, pieces, keepPiece, dropPiece, forget, forgetUser, waiting };
})();
