import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { codeOf } from '../../errors.ts';
import { version as exporterVersion } from '../../version.ts';

/**
 * Sends JSON that is made piece by piece; nothing of it, when the client has it already. The first piece is waited for before
 * anything is sent, so that an error at the start is an error to the client too; later ones cut the connection.
 * @param version changes with the content: what a conditional request is held against
 */
export async function sendText(
  request: Request,
  response: Response,
  version: string,
  pieces: AsyncGenerator<string>,
): Promise<void> {
  response.set('etag', `W/"${exporterVersion}-${version}"`);
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const first = await pieces.next().catch((error: unknown) => {
    response.removeHeader('etag');
    throw error;
  });
  response.type('json');
  const text = async function* () {
    if (first.done !== true) yield first.value;
    yield* pieces;
  };
  try {
    await pipeline(Readable.from(text(), { objectMode: false }), response);
  } catch (error) {
    // The client has had enough.
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
