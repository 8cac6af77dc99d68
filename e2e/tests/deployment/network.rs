//! Who reaches whom by the network.

use serde_json::{Value, json};

use crate::stack::Stack;
use crate::terraform::Module;

#[test]
fn nobody_reaches_the_functions_and_only_they_reach_the_cache() {
    for stack in Stack::all() {
        let (functions, cache) = (stack.properties("FunctionsSecurityGroup"), stack.properties("CacheSecurityGroup"));
        assert_eq!(functions["SecurityGroupIngress"], Value::Null, "{}", stack.name);
        assert_eq!(stack.of_type("AWS::EC2::SecurityGroupIngress").count(), 0, "{}", stack.name);
        let [from] = cache["SecurityGroupIngress"].as_array().unwrap().as_slice() else { panic!("{cache}") };
        assert_eq!(from["SourceSecurityGroupId"], "<FunctionsSecurityGroup.GroupId>", "{}", stack.name);
        assert_eq!((&from["FromPort"], &from["ToPort"]), (&json!(6379), &json!(6379)), "{}", stack.name);
    }
    let rules = Module::read().resources("aws_vpc_security_group_ingress_rule");
    let [(_, rule)] = rules.as_slice() else { panic!("{rules:?}") };
    assert_eq!(rule["security_group_id"], "aws_security_group.cache.id");
    assert_eq!(rule["referenced_security_group_id"], "aws_security_group.functions.id");
    assert_eq!((&rule["from_port"], &rule["to_port"]), (&json!(6379), &json!(6379)));
}

#[test]
fn functions_reach_the_cache_and_what_speaks_tls() {
    for stack in Stack::all() {
        let out = stack.properties("FunctionsSecurityGroup")["SecurityGroupEgress"].as_array().unwrap();
        assert_eq!(out.iter().map(|rule| &rule["ToPort"]).collect::<Vec<_>>(), [443], "{}", stack.name);
        let to_cache = stack.properties("FunctionsToCache");
        assert_eq!(to_cache["GroupId"], "<FunctionsSecurityGroup.GroupId>", "{}", stack.name);
        assert_eq!(to_cache["DestinationSecurityGroupId"], "<CacheSecurityGroup.GroupId>", "{}", stack.name);
        assert_eq!((&to_cache["FromPort"], &to_cache["ToPort"]), (&json!(6379), &json!(6379)), "{}", stack.name);
    }
    let rules = Module::read().resources("aws_vpc_security_group_egress_rule");
    let mut out: Vec<_> = rules
        .iter()
        .map(|(_, rule)| {
            assert_eq!(rule["security_group_id"], "aws_security_group.functions.id");
            (rule["to_port"].as_u64(), rule["referenced_security_group_id"].as_str().map(str::to_owned))
        })
        .collect();
    out.sort();
    assert_eq!(out, [(Some(443), None), (Some(6379), Some("aws_security_group.cache.id".to_owned()))]);
}

#[test]
fn functions_are_in_private_subnets_whose_way_out_is_a_nat_gateway() {
    for stack in Stack::all() {
        for function in ["AuthorizerLambdaFunction", "AuthrepAsyncLambdaFunction"] {
            let vpc = &stack.properties(function)["VpcConfig"];
            assert_eq!(vpc["SubnetIds"], json!(["<PrivateSubnetA>", "<PrivateSubnetB>"]), "{}", stack.name);
            assert_eq!(vpc["SecurityGroupIds"], json!(["<FunctionsSecurityGroup.GroupId>"]), "{}", stack.name);
        }
        let ways = ["PrivateRouteOutA", "PrivateRouteOutB"].map(|route| &stack.properties(route)["NatGatewayId"]);
        let expected = if stack.stage == "dev" { "<NatGatewayA>" } else { "<NatGatewayB>" };
        assert_eq!(ways, ["<NatGatewayA>", expected], "{}", stack.name);
        assert_eq!(stack.properties("NatGatewayA")["SubnetId"], "<PublicSubnetA>", "{}", stack.name);
    }
    let module = Module::read();
    for function in ["authorizer", "authrep_async"] {
        let vpc = &module.resource("aws_lambda_function", function)["vpc_config"][0];
        assert_eq!(vpc["security_group_ids"], json!(["aws_security_group.functions.id"]), "{function}");
        assert_eq!(vpc["subnet_ids"], "subnet.id", "{function}");
    }
    let route = module.resource("aws_route", "private");
    assert!(route["nat_gateway_id"].as_str().unwrap().starts_with("aws_nat_gateway."), "{route}");
}
