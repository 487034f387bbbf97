import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';

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
          { from: '../../dashboards/json/tidemark', to: 'dashboards' },
        ],
      }),
    ],
  };
};

export default config;
