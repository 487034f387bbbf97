// Jest for the exporter and everything around it. Tests are ES modules; run.mjs passes Node the option that this needs.
export default {
  rootDir: '..',
  roots: ['<rootDir>/test/exporter', '<rootDir>/test/alerting'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testEnvironment: '<rootDir>/test/support/leak-guard-environment.mjs',
  testTimeout: 60_000,
  // More than cores, since many tests wait; not many more, since their servers and exporters want time of their own.
  maxWorkers: 3,
  workerIdleMemoryLimit: '1GB',
};
