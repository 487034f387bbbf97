// A server that speaks PostgreSQL's protocol for as long as it takes to be measured, and tells its sizes after so many
// milliseconds: the instances of the collection benchmark. A process of its own: `node answering-server.mjs MILLISECONDS DATABASES`
// prints its port. It listens on every address of loopback, so that each instance is a host of its own.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:net';

const [answersAfter = 0, databases = 1] = process.argv.slice(2).map(Number);

const textType = 25;
const firstOid = 16384;

const uint32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const uint16 = (value) => Buffer.from([value >> 8, value & 255]);
const message = (type, ...parts) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), uint32(body.length + 4), body]);
};
const word = (text) => Buffer.from(`${text}\0`);

const ready = message('Z', Buffer.from('I'));
const welcome = Buffer.concat([
  message('R', uint32(0)),
  message('S', word('server_version'), word('18.0')),
  message('S', word('client_encoding'), word('UTF8')),
  message('K', uint32(1), uint32(1)),
  ready,
]);
const complete = message('C', word('SELECT'));
/** Around an answer: the transaction that it is read in. */
const [begun, ended] = [Buffer.concat([complete, complete]), Buffer.concat([complete, ready])];

function table(columns, rows) {
  const described = columns.map((name) =>
    Buffer.concat([word(name), uint32(0), uint16(0), uint32(textType), uint16(0xffff), uint32(0xffffffff), uint16(0)]),
  );
  const values = rows.map((row) =>
    message('D', uint16(row.length), ...row.map((value) => Buffer.concat([uint32(value.length), Buffer.from(value)]))),
  );
  return Buffer.concat([message('T', uint16(columns.length), ...described), ...values, complete]);
}

const oids = Array.from({ length: databases }, (_, index) => String(firstOid + index));
/** What is asked, by a word that no other question has, in the order in which questions come together. */
const answers = [
  [
    'pg_database_size',
    table(
      ['oid', 'size_bytes'],
      oids.map((oid) => [oid, String(8e6 + Number(oid) * 8192)]),
    ),
  ],
  [
    'FROM pg_database',
    table(
      ['oid', 'name', 'readable'],
      oids.map((oid) => [oid, `database_${oid}`, 't']),
    ),
  ],
  ['pg_ls_waldir', table(['name', 'readable', 'size_bytes'], [['wal', 't', '16777216']])],
  ['pg_tablespace_size', table(['name', 'readable', 'size_bytes'], [['pg_default', 't', '80000000']])],
];

function answerTo(text) {
  const asked = answers.filter(([word]) => text.includes(word)).map(([, answer]) => answer);
  return asked.length === 0 ? ended : Buffer.concat([begun, ...asked, ended]);
}

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = Buffer.alloc(0);
  let welcomed = false;
  const reply = (text) => {
    const answer = answerTo(text);
    if (text.includes('pg_database_size')) setTimeout(() => socket.writable && socket.write(answer), answersAfter);
    else socket.write(answer);
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    for (;;) {
      const header = welcomed ? 1 : 0;
      if (waiting.length < header + 4) return;
      const length = waiting.readUInt32BE(header);
      if (waiting.length < header + length) return;
      const type = welcomed ? String.fromCharCode(waiting[0]) : 'startup';
      const body = waiting.subarray(header + 4, header + length);
      waiting = waiting.subarray(header + length);
      if (type === 'startup') {
        welcomed = true;
        socket.write(welcome);
      } else if (type === 'Q') reply(body.toString('latin1'));
      else if (type === 'X') socket.end();
    }
  });
});

server.listen(0, '0.0.0.0', 4096, () => process.stdout.write(`${server.address().port}\n`));
