import { EventBusSrv } from '@grafana/data';
import * as runtime from '@grafana/runtime';

import { backendSrv } from './backendSrv';
import { dataSourceSrv } from './dataSourceSrv';
import { registerEditors } from './editors';
import { templateSrv } from './templateSrv';

const nothing = { isLoading: false };

/** Everything that a Grafana at start gives to its runtime library, as far as plugins of this kind ask for it. */
export function setServices(): void {
  registerEditors();
  runtime.setBackendSrv(backendSrv);
  runtime.setDataSourceSrv(dataSourceSrv);
  runtime.setTemplateSrv(templateSrv);
  runtime.setLocationSrv(runtime.locationService as never);
  runtime.setEchoSrv({
    flush: () => undefined,
    addBackend: () => undefined,
    addEvent: () => undefined,
    onInteraction: () => () => undefined,
  });
  runtime.setAppEvents(new EventBusSrv());
  runtime.setPluginLinksHook(() => ({ ...nothing, links: [] }));
  runtime.setPluginComponentHook(() => ({ ...nothing, component: null }));
  runtime.setPluginComponentsHook(() => ({ ...nothing, components: [] }));
  runtime.setPluginFunctionsHook(() => ({ ...nothing, functions: [] }));
}
