//! Each server of a cluster is reached as the first one is.

use authz_core::credential::Secret;
use authz_core::settings::CacheServer;
use e2e::{RedisCluster, RedisConfig, RedisServer};
use lambda_shell::{Cache, CacheError, tls};

use crate::{cache, grant, keys, soon, take, uses};

const PASSWORD: &str = "CANARY-password";

#[tokio::test]
async fn every_server_leads_to_every_key() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let keys = keys(&cluster).await;
    for (number, server) in cluster.servers().iter().enumerate() {
        let cache = cache(&server.settings());
        for key in &keys {
            grant(&cache, key).await;
            assert_eq!(take(&cache, key).await.unwrap().uses, number as u64 + 1);
        }
    }
}

#[tokio::test]
async fn connecting_reaches_all_of_them_and_the_first_calls_connect_no_more() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let (cache, keys) = (cache(&cluster.settings()), keys(&cluster).await);
    soon(cache.connect()).await.unwrap();
    for (server, key) in cluster.servers().iter().zip(&keys) {
        let probe = server.probe().await;
        let connections = probe.connections().await;
        grant(&cache, key).await;
        assert_eq!(probe.connections().await, connections);
    }
}

#[tokio::test]
async fn tls_and_password_hold_for_all_of_them() {
    let cluster = RedisCluster::start(RedisConfig::default().with_password(PASSWORD).with_tls("localhost")).await;
    let keys = keys(&cluster).await;
    let trusted = tls(Some(&cluster.server(0).ca_file())).unwrap();
    let right = Cache::on(Some(&cluster.settings()), trusted.clone());
    for key in &keys {
        grant(&right, key).await;
        assert!(take(&right, key).await.unwrap().took);
        assert_eq!(uses(&cluster, key).await, 1);
    }
    let wrong = CacheServer { auth_token: Some(Secret::new("CANARY-wrong")), ..cluster.settings() };
    for (cache, expected) in [
        (Cache::on(Some(&wrong), trusted), CacheError::Refused("WRONGPASS".to_owned())),
        (Cache::on(Some(&cluster.settings()), tls(None).unwrap()), CacheError::NotConnected),
    ] {
        assert_eq!(soon(cache.connect()).await, Err(expected.clone()));
        let error = take(&cache, &keys[0]).await.unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{cache:?} {error:?} {error}").contains("CANARY"));
    }
}

#[tokio::test]
async fn a_server_of_no_cluster_is_told_apart() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let cache = cache(&CacheServer { cluster: true, ..server.settings() });
    let refused = CacheError::Refused("ERR".to_owned());
    assert_eq!(soon(cache.connect()).await, Err(refused));
    let [key] = ["any"].map(crate::key);
    assert!(matches!(take(&cache, &key).await, Err(CacheError::Refused(_))));
}

#[tokio::test]
async fn a_cluster_that_is_taken_for_one_server_refuses_what_is_elsewhere() {
    let cluster = RedisCluster::start(RedisConfig::default()).await;
    let keys = keys(&cluster).await;
    let cache = cache(&CacheServer { cluster: false, ..cluster.settings() });
    grant(&cache, &keys[0]).await;
    assert_eq!(take(&cache, &keys[1]).await, Err(CacheError::Refused("MOVED".to_owned())));
}
