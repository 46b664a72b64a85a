export {
  type Access,
  type AccessConfig,
  type AccessTeam,
  createAccess,
  type Credentials,
  type Principal,
  type Role,
} from './access.ts'
