// Who may import whom. Data flows one way: engines -> collection -> store -> statistics -> api, metrics; imports follow it.
const only = (folder, allowed) => ({
  name: `${folder}-imports`,
  comment: `${folder}/ may import ${allowed.join(', ') || 'nothing else of ours'}`,
  severity: 'error',
  from: { path: `^exporter/src/${folder}/` },
  to: { path: '^exporter/src/', pathNot: [folder, ...allowed].map((part) => `^exporter/src/${part}`) },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'drivers-in-engines-only',
      comment: 'Only engines/ talks to watched servers.',
      severity: 'error',
      from: { path: '^exporter/src', pathNot: '^exporter/src/engines/' },
      to: { path: 'node_modules/(mysql2|tedious|oracledb)/' },
    },
    only('engines', ['errors', 'config/(secret|tls)']),
    only('config', ['errors', 'engines/registry']),
    only('store', ['alarm', 'errors', 'config/', 'engines/engine']),
    only('statistics', ['errors', 'store/']),
    only('fleet', ['errors', 'config/', 'engines/', 'store/']),
    only('collection', ['alarm', 'errors', 'config/', 'engines/', 'fleet/', 'network/', 'store/', 'version']),
    only('network', []),
    only('documentation', ['errors', 'config/environment', 'engines/describe', 'metrics/describe']),
    only('embedded', ['errors', 'config/', 'store/pool']),
    only('demonstration', ['errors', 'engines/engine', 'store/']),
    only('import', ['errors', 'config/', 'engines/engine', 'fleet/', 'key-and-value', 'store/']),
    only('jobs', ['alarm', 'errors', 'config/', 'store/']),
    only('metrics', ['errors', 'store/', 'statistics/', 'version']),
    only('api', [
      ...['errors', 'request-context', 'version', 'config/', 'collection/', 'store/', 'statistics/', 'metrics/'],
      ...['engines/describe', 'jobs/slots'],
    ]),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
