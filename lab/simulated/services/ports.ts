/** Names of the services, in the order of their start. */
export const SERVICES = ["chainfire", "flaredb", "iam", "plasmavmc"] as const;
export type Service = (typeof SERVICES)[number];

/** Where each service's API listens. */
export type ServicePorts = Record<Service, number>;
export const DEFAULT_PORTS: ServicePorts = { chainfire: 2379, flaredb: 2479, iam: 8080, plasmavmc: 8081 };
