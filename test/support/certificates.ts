/**
 * Certificates for TLS tests, made when they are needed: no key is ever committed, and none outlives the process.
 */
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A certificate and its private key, both in PEM, as `node:tls`, PostgreSQL and MySQL take them. */
export interface Certificate {
  cert: string;
  key: string;
}

/** One authority and what it signed; the last three are the ones a careful client must turn away. */
export interface TestCertificates {
  /** PEM of the authority that signed all but `selfSigned`; what a client is given as `ca`. */
  ca: string;
  /** For `localhost`, 127.0.0.1 and ::1. */
  server: Certificate;
  /** For client authentication; its common name is `tidemark-client`. */
  client: Certificate;
  /** A server certificate nobody vouches for. */
  selfSigned: Certificate;
  /** Signed, but for `elsewhere.example` only. */
  wrongHost: Certificate;
  /** Signed, for the right hosts, but its time is over. */
  expired: Certificate;
}

interface CertificateRequest {
  commonName: string;
  usage: 'authority' | 'server' | 'client';
  /** DNS names and addresses the certificate is good for. */
  hosts?: string[];
  /** Who signs; without one the certificate signs itself. */
  issuer?: Certificate;
  /** When it ends, in days from now; negative makes an expired one. Two by default. */
  days?: number;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

const DAY = 86_400_000;
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];

let made: Promise<TestCertificates> | undefined;

/** The certificates of this process: made at the first call, the same ones afterwards. */
export function testCertificates(): Promise<TestCertificates> {
  made ??= makeCertificates();
  return made;
}

async function makeCertificates(): Promise<TestCertificates> {
  const issuer = await issue({ commonName: 'Tidemark test authority', usage: 'authority' });
  const [server, client, selfSigned, wrongHost, expired] = await Promise.all([
    issue({ commonName: 'localhost', usage: 'server', hosts: LOCAL_HOSTS, issuer }),
    issue({ commonName: 'tidemark-client', usage: 'client', issuer }),
    issue({ commonName: 'localhost', usage: 'server', hosts: LOCAL_HOSTS }),
    issue({ commonName: 'elsewhere.example', usage: 'server', hosts: ['elsewhere.example'], issuer }),
    issue({ commonName: 'localhost', usage: 'server', hosts: LOCAL_HOSTS, issuer, days: -1 }),
  ]);
  return { ca: issuer.cert, server, client, selfSigned, wrongHost, expired };
}

async function issue(request: CertificateRequest): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: request.commonName }], {
    // P-256 keys take a millisecond, RSA keys a hundred times that; every server under test accepts them.
    keyType: 'ec',
    curve: 'P-256',
    // The library's default is SHA-1, which OpenSSL 3 refuses.
    algorithm: 'sha256',
    // Two days back, so that an expired certificate still begins before it ends.
    notBeforeDate: new Date(Date.now() - 2 * DAY),
    notAfterDate: new Date(Date.now() + (request.days ?? 2) * DAY),
    extensions: extensionsOf(request),
    ...(request.issuer && { ca: request.issuer }),
  });
  return { cert, key };
}

function extensionsOf({ usage, hosts = [] }: CertificateRequest): Extensions {
  if (usage === 'authority') {
    return [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ];
  }
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', ...(usage === 'server' ? { serverAuth: true } : { clientAuth: true }) },
    ...(hosts.length > 0 ? [{ name: 'subjectAltName' as const, altNames: hosts.map(alternativeName) }] : []),
  ];
}

function alternativeName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
