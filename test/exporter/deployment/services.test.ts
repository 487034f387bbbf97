import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { readEnvironment } from '../../../exporter/src/config/environment.ts';
import { readConfigurationFile } from '../../../exporter/src/config/file.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { readDockerfile } from './dockerfile.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly startupProbe: Probe;
    readonly livenessProbe: Probe;
    readonly readinessProbe: Probe;
    readonly resources: { readonly requests: object; readonly limits: object };
  }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

describe('the manifest for Kubernetes', () => {
  const documents = parseAllDocuments(read('provisioning/kubernetes/tidemark.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const byKind = (kind: string): Manifest => manifests.find((manifest) => manifest.kind === kind) as Manifest;
  const deployment = byKind('Deployment').spec as unknown as {
    replicas: number;
    selector: { matchLabels: object };
    template: { metadata: { labels: object }; spec: PodSpec };
  };
  const pod = deployment.template.spec;
  const container = pod.containers[0] as PodSpec['containers'][number];

  test('is whole: labels, ports and volumes that are named are there', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    const labels = deployment.template.metadata.labels;
    expect(deployment.selector.matchLabels).toEqual(labels);
    const service = byKind('Service').spec as { selector: object; ports: { port: number; targetPort: string }[] };
    expect(service.selector).toEqual(labels);
    expect(byKind('PodDisruptionBudget').spec).toMatchObject({ selector: { matchLabels: labels } });
    const { EXPOSE } = Object.fromEntries(readDockerfile(join(root, 'exporter/Dockerfile')));
    expect(container.ports).toEqual([{ name: 'http', containerPort: Number(EXPOSE?.[0]) }]);
    expect(service.ports[0]).toMatchObject({ port: Number(EXPOSE?.[0]), targetPort: 'http' });
    const mounted = container.volumeMounts.map(({ name }) => name).sort();
    expect(mounted).toEqual(pod.volumes.map(({ name }) => name).sort());
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['tidemark']));
    expect(deployment.replicas).toBeGreaterThan(1);
  });

  test('asks for health where it is told, hardened, with bounds', () => {
    const routes = read('exporter/src/api/health.ts');
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(probe.httpGet.port).toBe('http');
      expect(routes).toContain(`'${probe.httpGet.path}'`);
    }
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    const user = Number(readDockerfile(join(root, 'exporter/Dockerfile')).get('USER')?.[0]?.split(':')[0]);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: user });
    expect(container.securityContext).toMatchObject({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(container.resources.limits)).toContain('memory');
  });

  test('gives settings that there are, from places that are mounted', () => {
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    const files = container.env.filter(({ value }) => value.startsWith('/'));
    for (const { value } of files) expect(mounts.some((mount) => value.startsWith(`${mount}/`))).toBe(true);
    const plain = container.env.filter(({ name }) => !name.endsWith('_FILE'));
    expect(readEnvironment(Object.fromEntries(plain.map(({ name, value }) => [name, value]))).issues).toEqual([]);
    const keys = [...read('provisioning/kubernetes/tidemark.yaml').matchAll(/--from-literal=([\w-]+)=/g)].map(
      ([, key]) => `/run/secrets/tidemark/${key ?? ''}`,
    );
    expect(container.env.filter(({ name }) => name.endsWith('_FILE')).map(({ value }) => value)).toEqual(keys);
    const folder = createTemporaryFolder();
    const path = folder.write('tidemark.yaml', byKind('ConfigMap').data?.['tidemark.yaml'] ?? '');
    expect(readConfigurationFile(path, {}).issues).toEqual([]);
    folder.remove();
  });
});

describe('the unit of systemd', () => {
  const unit = read('provisioning/systemd/tidemark.service');

  test('starts the program with settings that there are', () => {
    const [, node, program, command] = /^ExecStart=(\S+) (\S+) (\S+)$/m.exec(unit) ?? [];
    expect([node, command]).toEqual(['/usr/bin/node', 'serve']);
    expect(existsSync(join(root, (program ?? '').replace('/opt/tidemark/', '')))).toBe(true);
    const settings = Object.fromEntries(
      (/^Environment=(.*)$/m.exec(unit)?.[1] ?? '').split(' ').map((pair) => pair.split('=') as [string, string]),
    );
    expect(readEnvironment(settings).issues).toEqual([]);
  });

  test('is one that systemd takes', () => {
    if (!existsSync('/usr/bin/systemd-analyze')) return;
    const folder = createTemporaryFolder();
    const path = folder.write('tidemark.service', unit);
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    // It also looks for the program, which is not installed here, and at units of this machine.
    const about = stderr.split('\n').filter((line) => line.includes('tidemark.service'));
    expect(about.filter((line) => !/not executable|is not an absolute|No such file/.test(line))).toEqual([]);
    folder.remove();
  });
});

describe('provisioning of Grafana', () => {
  const files = readdirSync(join(root, 'provisioning/grafana'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name));

  test('are files of version 1', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) expect(parse(readFileSync(file, 'utf8'))).toMatchObject({ apiVersion: 1 });
  });

  test('takes from the environment only what docker-compose.yml gives', () => {
    const grafana = (
      parse(read('docker-compose.yml'), { merge: true }) as never as {
        services: { grafana: { environment: object; entrypoint: string[] } };
      }
    ).services.grafana;
    const given = [...Object.keys(grafana.environment), ...(grafana.entrypoint[2]?.match(/(?<=export )\w+/g) ?? [])];
    const settings = files.filter((file) => /datasources|plugins|dashboards/.test(file));
    const wanted = settings.flatMap((file) => readFileSync(file, 'utf8').match(/(?<=\$\{?)[A-Z_]+(?=\}?)/g) ?? []);
    expect(wanted.length).toBeGreaterThan(3);
    expect(wanted.filter((name) => !given.includes(name))).toEqual([]);
  });

  test('names data sources, an app and folders of dashboards that there are', () => {
    const { datasources } = parse(read('provisioning/grafana/datasources/tidemark.yaml')) as {
      datasources: { type: string; uid: string; jsonData?: { alertmanagerUid?: string } }[];
    };
    const plugin = (path: string): string => (JSON.parse(read(`plugin/src/${path}`)) as { id: string }).id;
    expect(datasources.map(({ type }) => type)).toEqual([
      plugin('datasource/plugin.json'),
      'prometheus',
      'alertmanager',
    ]);
    expect(datasources[1]?.jsonData?.alertmanagerUid).toBe(datasources[2]?.uid);
    const { apps } = parse(read('provisioning/grafana/plugins/tidemark.yaml')) as { apps: { type: string }[] };
    expect(apps.map(({ type }) => type)).toEqual([plugin('plugin.json')]);
  });
});
