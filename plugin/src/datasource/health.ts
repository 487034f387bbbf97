import type { TestDataSourceResponse } from '@grafana/data';
import { t } from '@grafana/i18n';

import type { TidemarkClient } from '../data/client';
import { ApiError } from '../data/error';
import { getFacets, getMe } from '../data/resources/service';
import { plain } from '../format/text';

/** What `Save & test` says: who answers and what the token sees, or what to do about the failure. */
export async function checkHealth(client: TidemarkClient): Promise<TestDataSourceResponse> {
  try {
    const me = await getMe(client);
    const { engines } = await getFacets(client);
    const instances = engines.reduce((sum, engine) => sum + engine.instances, 0);
    return {
      status: 'success',
      message: t(
        'health.success',
        'Connected to Tidemark {{version}} with the token "{{name}}" ({{role}}), which sees {{instances}} instances.',
        plain({ version: me.version, name: me.name, role: me.role, instances }),
      ),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: 'error', message: remedyOf(error) };
  }
}

function remedyOf(error: ApiError): string {
  if (error.status === 401) {
    return t(
      'health.unauthorized',
      'The exporter answers, but does not accept the token: {{message}} Make one with "tidemark tokens create" and enter it above.',
      plain({ message: error.message }),
    );
  }
  return error.message;
}
