using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>An API server whose answers are a test's own; version and identity are answered by itself.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly StandInServer _server;

    public ApiServer(Func<StandInRequest, StandInResponse> answer) => _server = new StandInServer(request => request.Path switch
    {
        "/version" => Json("""{"gitVersion":"v1.29.4"}"""),
        "/apis/authentication.k8s.io/v1/selfsubjectreviews" => Json("""{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"tester"}}}"""),
        _ => answer(request),
    });

    public Uri Url => _server.Url;

    /// <summary>What was asked besides version and identity.</summary>
    public IReadOnlyList<StandInRequest> Requests => [.. _server.Requests.Where(request => request.Path is not ("/version" or "/apis/authentication.k8s.io/v1/selfsubjectreviews"))];

    /// <summary>A client of it whose waits are a thousand times shorter.</summary>
    public Task<IKubernetesClient> ConnectAsync(ClusterOptions? options = null) => KubernetesClients.ConnectAsync(
        // A busy machine keeps silent for longer than 30 ms.
        (options ?? new ClusterOptions { Server = Url, Token = new Secret("t0ken") }) with { Timeout = TimeSpan.FromHours(6) }, new FastTime(), TestContext.Current.CancellationToken);

    public static StandInResponse Json(string json, int status = 200) => StandInResponse.Json(status, json);

    /// <summary>A refusal as the API words it.</summary>
    public static StandInResponse Refuse(int code, string reason, string message, string? name = null, string? kind = null, params (string Name, string Value)[] headers)
    {
        var details = new JsonObject();
        if (name is not null)
            details["name"] = name;
        if (kind is not null)
            details["kind"] = kind;
        return StandInResponse.Json(code, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["details"] = details, ["code"] = code }.ToJsonString(), headers);
    }

    /// <summary>Lines that are sent one by one in chunks; then the body ends, or the connection is cut, or nothing more comes.</summary>
    public static StandInResponse Lines(IEnumerable<string> lines, LinesEnd end = LinesEnd.Complete) => new(200, null, ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"))
    {
        Raw = async (stream, cancellationToken) =>
        {
            foreach (var line in lines)
            {
                var bytes = Encoding.UTF8.GetBytes(line + "\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), cancellationToken);
                await stream.WriteAsync(bytes, cancellationToken);
                await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
            }

            if (end == LinesEnd.Complete)
                await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);
            if (end == LinesEnd.Open)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        },
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

/// <summary>How a body ends.</summary>
internal enum LinesEnd
{
    Complete,
    Cut,
    Open,
}
