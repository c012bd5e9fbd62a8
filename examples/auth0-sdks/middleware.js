// Mounts the SDK's routes: /auth/login, /auth/callback, /auth/connect, /auth/logout.
import { auth0 } from './app/auth0.js';

export const middleware = (request) => auth0.middleware(request);
export const config = { runtime: 'nodejs', matcher: '/((?!_next/).*)' };
