import { describe, expect, it } from 'vitest'
import { jointTenant, withJointTenants } from './joint-tenant.ts'
import { isTenantId } from './scope.ts'

describe('joint tenants', () => {
  it('are the same whichever side is named first, and a tenant with itself is itself', () => {
    expect(jointTenant('prd', 'dev')).toBe('dev.prd')
    expect(jointTenant('dev', 'prd')).toBe('dev.prd')
    expect(jointTenant('dev', 'dev')).toBe('dev')
    expect(isTenantId(jointTenant('dev', 'prd'))).toBe(true)
  })

  it('may be read by who may read both sides, and by nobody else', () => {
    expect(withJointTenants([])).toEqual([])
    expect(withJointTenants(['dev'])).toEqual(['dev'])
    expect(withJointTenants(['stg', 'dev', 'prd'])).toEqual(['stg', 'dev', 'prd', 'dev.stg', 'prd.stg', 'dev.prd'])
  })
})
