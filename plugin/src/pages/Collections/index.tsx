import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Collections = () => <PluginPage>{null}</PluginPage>;

export default Collections;
