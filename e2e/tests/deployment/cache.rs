//! The cache holds uses: it forgets nothing, and nobody else gets in.

use serde_json::json;

use crate::stack::Stack;
use crate::terraform::Module;

#[test]
fn the_cache_speaks_tls_wants_a_password_and_survives_a_zone() {
    for stack in Stack::all() {
        let cache = stack.properties("Cache");
        for switch in
            ["TransitEncryptionEnabled", "AtRestEncryptionEnabled", "AutomaticFailoverEnabled", "MultiAZEnabled"]
        {
            assert_eq!(cache[switch], true, "{}: {switch}", stack.name);
        }
        assert_eq!(cache["AuthToken"], "{{resolve:secretsmanager:<CachePassword>}}", "{}", stack.name);
        assert!(stack.properties("CachePassword")["GenerateSecretString"].is_object(), "{}", stack.name);
        let group = cache["SecurityGroupIds"][0].as_str().unwrap();
        assert!(["<CacheSecurityGroup>", "<CacheSecurityGroup.GroupId>"].contains(&group), "{}: {group}", stack.name);
        let subnets = &stack.properties("CacheSubnets")["SubnetIds"];
        assert_eq!(*subnets, json!(["<PrivateSubnetA>", "<PrivateSubnetB>"]), "{}", stack.name);
    }
    let module = Module::read();
    let cache = module.resource("aws_elasticache_replication_group", "this");
    for switch in
        ["transit_encryption_enabled", "at_rest_encryption_enabled", "automatic_failover_enabled", "multi_az_enabled"]
    {
        assert_eq!(cache[switch], true, "{switch}");
    }
    assert_eq!(cache["auth_token"], "aws_secretsmanager_secret_version.cache.secret_string");
    assert_eq!(cache["security_group_ids"], json!(["aws_security_group.cache.id"]));
    assert_eq!(cache["subnet_group_name"], "aws_elasticache_subnet_group.this.name");
    assert_eq!(module.resource("aws_elasticache_subnet_group", "this")["subnet_ids"], "subnet.id");
}

#[test]
fn nothing_is_evicted() {
    for stack in Stack::all() {
        assert_eq!(stack.properties("Cache")["CacheParameterGroupName"], "<CacheParameters>", "{}", stack.name);
        let parameters = &stack.properties("CacheParameters")["Properties"];
        assert_eq!(parameters["maxmemory-policy"], "noeviction", "{}", stack.name);
    }
    let module = Module::read();
    let cache = module.resource("aws_elasticache_replication_group", "this");
    assert_eq!(cache["parameter_group_name"], "aws_elasticache_parameter_group.this.name");
    let parameters = &module.resource("aws_elasticache_parameter_group", "this")["parameter"];
    assert_eq!(parameters[0], json!({ "name": "maxmemory-policy", "value": "noeviction" }));
}

#[test]
fn the_cache_is_a_cluster_where_the_functions_take_it_for_one() {
    for stack in Stack::all() {
        let is_cluster = stack.said.get("ELASTICACHE_CLUSTER").is_some_and(|said| said == "true");
        let shards = if is_cluster { 3 } else { 1 };
        let enabled = if is_cluster { "yes" } else { "no" };
        assert_eq!(stack.properties("Cache")["NumNodeGroups"], shards, "{}", stack.name);
        let parameters = &stack.properties("CacheParameters")["Properties"];
        assert_eq!(parameters["cluster-enabled"], enabled, "{}", stack.name);
    }
    let module = Module::read();
    let cache = module.resource("aws_elasticache_replication_group", "this");
    assert_eq!(cache["num_node_groups"], "local.clustered ? 3 : 1");
    let parameters = &module.resource("aws_elasticache_parameter_group", "this")["parameter"];
    assert_eq!(parameters[1]["value"], "local.clustered ? \"yes\" : \"no\"");
}
