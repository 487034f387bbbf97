import type { DataSourceInstanceSettings, PluginMeta } from '@grafana/data';

interface SystemModule {
  readonly __useDefault?: boolean;
  readonly default?: unknown;
}

declare global {
  interface Window {
    /** What the preview's server says of itself, instead of what Grafana writes into its page. */
    tidemarkPreview: {
      readonly plugins: readonly PluginMeta[];
      readonly dataSources: readonly DataSourceInstanceSettings[];
      readonly app: { readonly jsonData: Record<string, unknown> };
    };
    System: {
      import(url: string): Promise<Record<string, unknown>>;
      set(id: string, module: SystemModule): void;
      addImportMap(map: { imports: Record<string, string> }): void;
    };
  }
}
