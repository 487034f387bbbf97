import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';

import { getPackageJson } from './.config/bundler/utils.ts';
import scaffoldConfig, { type Env } from './.config/webpack/webpack.config.ts';

/**
 * The scaffold's webpack configuration, extended: it copies the logos of the plugin itself,
 * but not those of plugins nested in a folder of `src`. The dashboards that come with the app are those of the repository.
 */
const config = async (env: Env): Promise<Configuration> => {
  const scaffold = await scaffoldConfig(env);

  return {
    ...scaffold,
    plugins: [
      ...(scaffold.plugins ?? []),
      new CopyWebpackPlugin({
        patterns: [
          { from: '*/img/*', to: '.', noErrorOnMissing: true },
          {
            from: '../../dashboards/json/tidemark',
            to: 'dashboards',
            transform: (content: Buffer) => withRevision(content.toString()),
          },
        ],
      }),
    ],
  };
};

/** Grafana takes the dashboards of a new version of an app where their revision is another one than that of what it has. */
function withRevision(dashboard: string): string {
  const [major = 0, minor = 0, patch = 0] = String(getPackageJson().version)
    .split('.')
    .map((part) => parseInt(part, 10));
  const revision = (major * 1000 + minor) * 1000 + patch;
  return JSON.stringify({ ...JSON.parse(dashboard), revision }, null, 2);
}

export default config;
