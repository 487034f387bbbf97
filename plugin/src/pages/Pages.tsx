import React from 'react';
import { Route, Routes } from 'react-router-dom';

import { Instances } from './Instances';

/** The pages of the app by their path below `/a/tidemark-storage-app/`. An unknown path shows the instances. */
const Pages = () => (
  <Routes>
    <Route path="*" element={<Instances />} />
  </Routes>
);

export default Pages;
