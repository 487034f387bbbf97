import React, { useEffect, useState, type ComponentType } from 'react';

import { initTranslations } from '../translations';

/** Waits for the texts before the first render: Grafana renders editors without asking the plugin first. */
export function translated<Props extends object>(Component: ComponentType<Props>): ComponentType<Props> {
  const Translated = (props: Props) => {
    const [isReady, setReady] = useState(false);
    useEffect(() => {
      let isMounted = true;
      void initTranslations().then(() => isMounted && setReady(true));
      return () => {
        isMounted = false;
      };
    }, []);
    return isReady ? <Component {...props} /> : null;
  };
  return Translated;
}
