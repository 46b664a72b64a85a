export {
  type ClusterSnapshot,
  type ClusterStatus,
  clusterStatusSchema,
  type FleetEvent,
  type FleetSnapshot,
  fleetSnapshotSchema,
} from './fleet.ts'
