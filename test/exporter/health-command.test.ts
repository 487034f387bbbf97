import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testCertificates } from '../support/certificates.ts';
import { freePort } from '../support/ports.ts';
import { runTidemark, startServing, type ServingProcess } from '../support/processes.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let repository: TestDatabase;
let exporter: ServingProcess;
let port: string;

beforeAll(async () => {
  repository = await createTestDatabase();
  exporter = await startServing({
    environment: { DATABASE_URL: repository.url.reveal(), COLLECT_DB_SIZE_ENABLED: 'false', TIDEMARK_HOST: '0.0.0.0' },
  });
  port = new URL(exporter.url).port;
});
afterAll(async () => {
  exporter.kill('SIGTERM');
  await exporter.ended;
  await repository.close();
});

test('an exporter that is ready is said to be, whatever address it listens on', async () => {
  const { code, stdout } = await runTidemark(['health'], {
    environment: { TIDEMARK_PORT: port, TIDEMARK_HOST: '0.0.0.0' },
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `http://127.0.0.1:${port}/readyz: {"status":"ok"}\n` });
  const live = await runTidemark(['health', '--live'], { environment: { TIDEMARK_PORT: port } });
  expect(live).toMatchObject({ code: 0, stdout: `http://127.0.0.1:${port}/livez: {"status":"ok"}\n` });
});

test('where nobody answers, the check fails', async () => {
  const environment = { TIDEMARK_PORT: String(await freePort()) };
  const { code, stderr } = await runTidemark(['health'], { environment });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/readyz: nothing answers there\n$/)]);
});

test('an exporter behind TLS is asked over TLS, whatever name its certificate is for', async () => {
  const { wrongHost } = await testCertificates();
  const folder = createTemporaryFolder();
  const files = {
    TIDEMARK_TLS_CERT_FILE: folder.write('cert.pem', wrongHost.cert),
    TIDEMARK_TLS_KEY_FILE: folder.write('key.pem', wrongHost.key),
  };
  const encrypted = await startServing({
    environment: { DATABASE_URL: repository.url.reveal(), COLLECT_DB_SIZE_ENABLED: 'false', ...files },
  });
  try {
    expect(encrypted.url).toMatch(/^https:/);
    const environment = { TIDEMARK_PORT: new URL(encrypted.url).port, ...files };
    const { code, stdout } = await runTidemark(['health'], { environment });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${encrypted.url}/readyz: {"status":"ok"}\n` });
  } finally {
    encrypted.kill('SIGTERM');
    await encrypted.ended;
    folder.remove();
  }
});
