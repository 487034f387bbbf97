import { randomUUID } from 'node:crypto';

const dataSourceType = 'tidemark-storage-datasource';

/**
 * What a Grafana server keeps about data sources and the app, in memory: what is changed in the preview is gone with it.
 * Secrets go in and never come out.
 */
export class Settings {
  /** @param {{exporter: string, token: string}} connection of the data source that is there from the start */
  constructor({ exporter, token }) {
    this.sources = new Map();
    this.app = { jsonData: {} };
    this.save({
      uid: 'tidemark',
      name: 'Tidemark',
      type: dataSourceType,
      url: exporter,
      jsonData: {},
      secureJsonData: { apiToken: token },
      isDefault: true,
    });
  }

  /** Creates or replaces; secrets that are not given stay as they were. */
  save(input) {
    const uid = input.uid || randomUUID().slice(0, 8);
    const before = this.sources.get(uid);
    const source = {
      id: before?.id ?? this.sources.size + 1,
      uid,
      name: input.name,
      type: input.type ?? dataSourceType,
      url: input.url ?? '',
      access: 'proxy',
      isDefault: input.isDefault === true,
      jsonData: input.jsonData ?? {},
      secureJsonData: { ...before?.secureJsonData, ...input.secureJsonData },
      version: (before?.version ?? 0) + 1,
    };
    // A secret that the form has reset is saved as not being there.
    for (const [name, isSet] of Object.entries(input.secureJsonFields ?? {})) {
      if (isSet === false && input.secureJsonData?.[name] === undefined) delete source.secureJsonData[name];
    }
    this.sources.set(uid, source);
    return source;
  }

  /** What a browser may know of a data source. */
  static visible({ secureJsonData, ...source }) {
    const secureJsonFields = Object.fromEntries(
      Object.entries(secureJsonData)
        .filter(([, secret]) => secret !== '')
        .map(([name]) => [name, true]),
    );
    return { ...source, secureJsonFields, readOnly: false, accessControl: {} };
  }

  list() {
    return [...this.sources.values()].map(Settings.visible);
  }
}
