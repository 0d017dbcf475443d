"""SageMaker Runtime on loopback (`host`): its configuration, spool, container and deliveries."""
