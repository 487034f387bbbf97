// Jest for the built plugin in a real browser, in front of a real exporter with the demonstration fleet.
import base from '../jest.config.mjs';

export default {
  ...base,
  rootDir: '../..',
  displayName: 'browser',
  roots: ['<rootDir>/test/browser'],
  globalSetup: '<rootDir>/test/browser/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/browser/support/global-teardown.ts',
  testEnvironment: 'node',
  testTimeout: 120_000,
  // Two browsers, an exporter and its PostgreSQL are enough for a small machine.
  maxWorkers: 2,
};
