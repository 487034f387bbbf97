import { createContext, useContext } from 'react';

import type { AppSettings } from '../data/hooks/connection';

const AppSettingsContext = createContext<AppSettings>({});

export const AppSettingsProvider = AppSettingsContext.Provider;

/** What an administrator has set for the app. */
export const useAppSettings = () => useContext(AppSettingsContext);
