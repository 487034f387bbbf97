import { pino, stdTimeFunctions, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

/** JSON lines on standard output; readable ones when a person is looking. Secrets are never handed to it, and masked if so. */
export function createLogger(level: string, stream: NodeJS.WriteStream = process.stdout): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: ['password', '*.password', 'token', '*.token', 'headers.authorization'], censor: '******' },
  };
  if (!stream.isTTY) return pino(options, stream);
  return pino(options, PinoPretty({ destination: stream, translateTime: 'SYS:HH:MM:ss', singleLine: true }));
}
