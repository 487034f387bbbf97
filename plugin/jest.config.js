const path = require('node:path');

// The scaffold sets the time zone here too: workers inherit it, so dates read the same everywhere.
process.env.TZ = 'UTC';

const scaffold = require('./.config/jest.config');
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');

const tests = path.resolve(__dirname, '../test/plugin');
const [transformer] = Object.values(scaffold.transform);

module.exports = {
  ...scaffold,
  displayName: 'plugin',
  rootDir: __dirname,
  roots: ['<rootDir>/src', tests],
  testMatch: [`${tests}/**/*.test.{ts,tsx}`],
  // The tests lie outside of this workspace folder, so packages that npm did not hoist are named here.
  modulePaths: [path.resolve(__dirname, 'node_modules'), path.resolve(__dirname, '../node_modules')],
  moduleNameMapper: {
    ...scaffold.moduleNameMapper,
    // React 19's browser build of this module needs MessageChannel, which jsdom does not have.
    '^react-dom/server$': 'react-dom/server.node',
  },
  // The scaffold leaves out .mjs, which some of the ES modules below are shipped as.
  transform: { '^.+\\.m?[tj]sx?$': transformer },
  transformIgnorePatterns: [
    nodeModulesToTransform([...grafanaESModules, 'd3-hierarchy', '@react-hookz/web', '@ver0/deep-equal']),
  ],
};
