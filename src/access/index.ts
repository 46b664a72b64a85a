export {
  type Access,
  type AccessConfig,
  type AccessTeam,
  createAccess,
  type Credentials,
  type Principal,
  type Role,
} from './access.ts'
export { createWriteAccess, type WriteAccess, type WriteAccessConfig } from './write-access.ts'
