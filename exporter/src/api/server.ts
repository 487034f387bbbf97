import { watchFile, unwatchFile } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Deadlines } from '../config/deadlines.ts';
import { readTlsFiles, type HttpSettings } from '../config/http.ts';
import { messageOf } from '../errors.ts';
import { answerClientError } from './client-errors.ts';

/** Milliseconds between two looks whether there is a new certificate. */
const certificatePause = 5_000;

/** Milliseconds between two looks for connections that are past a deadline. */
const deadlinePause = 1_000;

export interface ServerSettings {
  readonly tls: HttpSettings['tls'];
  readonly deadlines: Pick<Deadlines, 'requestHeaders' | 'request' | 'idleClient'>;
  readonly log: Logger;
  /** Another pause for tests, in milliseconds. */
  readonly certificatePause?: number;
}

/** The server of the application, with TLS where there is a certificate, and with deadlines for clients that are slow on purpose. */
export function createServer(app: Express, settings: ServerSettings): Server {
  const { tls, deadlines } = settings;
  const options = {
    headersTimeout: deadlines.requestHeaders,
    requestTimeout: deadlines.request,
    connectionsCheckingInterval: Math.min(deadlinePause, deadlines.requestHeaders / 2),
    maxHeaderSize: 16_384,
  };
  const server =
    tls === null ? createHttpServer(options, app) : createHttpsServer({ ...options, ...readTlsFiles(tls) }, app);
  server.on('clientError', answerClientError);
  server.setTimeout(deadlines.idleClient);
  if (tls !== null) followCertificate(server as ReturnType<typeof createHttpsServer>, tls, settings);
  return server;
}

/** A renewed certificate is used for the next connection; one that cannot be used is not, and the log says why. */
function followCertificate(
  server: ReturnType<typeof createHttpsServer>,
  tls: NonNullable<HttpSettings['tls']>,
  { log, certificatePause: interval = certificatePause }: ServerSettings,
): void {
  const reload = (): void => {
    try {
      server.setSecureContext(readTlsFiles(tls));
      log.info({ certificate: tls.certificate }, 'the certificate was read again');
    } catch (error) {
      // Between the renewal of the certificate and that of its key they do not fit; the second change comes here as well.
      log.warn(`the new certificate cannot be used, the one before stays: ${messageOf(error)}`);
    }
  };
  // Looked at rather than watched: what is mounted into a container is exchanged by links, which tells a watcher nothing.
  for (const path of [tls.certificate, tls.key]) watchFile(path, { interval, persistent: false }, reload);
  server.once('close', () => {
    for (const path of [tls.certificate, tls.key]) unwatchFile(path, reload);
  });
}
