import type { AppRootProps } from '@grafana/data';
import { QueryClientProvider } from '@tanstack/react-query';
import React, { useState } from 'react';

import { createQueryClient } from '../data/hooks/queryClient';
import type { AppSettings } from '../data/hooks/connection';
import { Pages } from './Pages';
import { AppSettingsProvider } from './settings';

const noSettings: AppSettings = {};

/** The whole app below `/a/tidemark-storage-app/`. */
export const App = ({ meta }: AppRootProps<AppSettings>) => {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <AppSettingsProvider value={meta.jsonData ?? noSettings}>
        <Pages />
      </AppSettingsProvider>
    </QueryClientProvider>
  );
};
