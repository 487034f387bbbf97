import React from 'react';
import { useParams } from 'react-router';

import { SessionPage } from './SessionPage';
import { SessionsPage } from './SessionsPage';

/** All runs, or one of them. */
const Collections = () => {
  const { sessionId } = useParams();
  return sessionId === undefined ? <SessionsPage /> : <SessionPage sessionId={sessionId} />;
};

export default Collections;
