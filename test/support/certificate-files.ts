import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM files of an authority, and of a server that it vouches for. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** @param names what the certificate is made out to, as OpenSSL writes it: "IP:127.0.0.1,DNS:db1.example.net" */
export function makeCertificates(folder: string, names: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [authority, authorityKey] = [file('ca.pem'), file('ca-key.pem')];
  const [certificate, key, request, extensions] = [
    file('server.pem'),
    file('server-key.pem'),
    file('csr'),
    file('ext'),
  ];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test CA', '-keyout', authorityKey, '-out', authority);
  openssl('req', ...newKey, '-subj', '/CN=test server', '-keyout', key, '-out', request);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  openssl(
    ...['x509', '-req', '-in', request, '-CA', authority, '-CAkey', authorityKey, '-CAcreateserial', '-days', '2'],
    ...['-extfile', extensions, '-out', certificate],
  );
  return { authority, certificate, key };
}
