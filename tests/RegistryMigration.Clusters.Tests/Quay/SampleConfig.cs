namespace RegistryMigration.Clusters.Tests.Quay;

/// <summary>Configurations as they are met: written by people, with comments, both kinds of quotes, and sequences at their key's indentation.</summary>
internal static class SampleConfig
{
    public const string Local = """
        # Quay of the build team
        SUPER_USERS:
          - admin
          - operator   # on call
        AUTHENTICATION_TYPE: Database
        BUILDLOGS_REDIS:
            host: redis
            port: 6379
        DB_URI: postgresql://quay:secret@db/quay
        DATABASE_SECRET_KEY: '30060361640793187613697366923211113205676925445650250274752125083971638376224'
        DISTRIBUTED_STORAGE_CONFIG:
          default:   # since 2021
          - LocalStorage
          - storage_path: /datastorage/registry
        DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: []
        DISTRIBUTED_STORAGE_PREFERENCE:
          - default
        EXTERNAL_TLS_TERMINATION: true
        FEATURE_ANONYMOUS_ACCESS: yes
        FEATURE_UI_V2: True  # new
        GITHUB_LOGIN_CONFIG: {}
        MAIL_PORT: 1025
        REPO_MIRROR_SERVER_HOSTNAME: null
        SERVER_HOSTNAME: quay.example.com:8443
        # CORS_ORIGIN: "https://stage.example.com:1337"
        CORS_ORIGIN:
          - "https://stage.example.com:1337"
        CONTACT_INFO: [ 'mailto:a@example.com', "irc://b" ]
        FOOTER: |
          Kept as # it is
            indented

        USERFILES_PATH: userfiles/
        # SOMEOIDC_LOGIN_CONFIG:
        #   CLIENT_ID: "quay"

        """;
}
