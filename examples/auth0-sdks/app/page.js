// The only page: shows whether the person is logged in.
import { auth0 } from './auth0.js';

export default async function Page() {
  const session = await auth0.getSession();
  return <main>{session ? `Logged in as ${session.user.name}` : 'Logged out'}</main>;
}
