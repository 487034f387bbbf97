import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { codeOf, errorCatalogue, type ErrorCode } from '../errors.ts';

const largestHeader = 'expected an address and headers of at most 16 kB together';

/** What Node finds wrong with a request before there is one that the application could answer. */
const refusals: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string }>> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', message: largestHeader },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { code: 'payload_too_large', message: 'the body has too many chunk extensions' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', message: 'the request took too long to arrive: send it again' },
};

const noHttp = { code: 'bad_request', message: 'this is no HTTP request' } as const;

/** Answers in the one shape for errors, where Node itself would answer without a body. */
export function answerClientError(error: Error, socket: Duplex): void {
  const { _httpMessage: answer } = socket as { readonly _httpMessage?: { readonly headersSent: boolean } | null };
  const code = codeOf(error) ?? '';
  const refusal = refusals[code] ?? (code.startsWith('HPE_') ? noHttp : null);
  // Not in the middle of another answer: Node looks at the same property.
  if (refusal === null || !socket.writable || answer?.headersSent === true) {
    socket.destroy(error);
    return;
  }
  const { status } = errorCatalogue[refusal.code];
  const body = JSON.stringify({ error: { ...refusal, details: null } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
