using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The proof: images that imagestreams say were pushed are pulled by digest, every byte hashed.</summary>
internal sealed class PullCheck : IDiagnosisCheck
{
    public string Name => "Pull";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        if (context.Options.Registry is not { } endpoint)
            return Finding.Skip("Not asked for: give -Registry (a route's host, see Get-ImageRegistryRoute) and -Token or -Credential.");
        var (drawn, _) = await ImageStreamReader.DrawAsync(context.Client, null, context.Options.Sample, seed: null, cancellationToken);
        if (drawn.Count == 0)
            return Finding.Skip("No imagestream names an image that was pushed to this registry.");
        try
        {
            return await PullAsync(endpoint, [.. drawn.Select(image => ImageReference.ByDigest(image.Repository, image.Digest))], context.Time, cancellationToken);
        }
        catch (StoreException e)
        {
            return new Finding().Fail($"{endpoint}: {e.Message}", "Check the address, the token, and that it may get imagestreams/layers.");
        }
    }

    private static async Task<Finding> PullAsync(RegistryEndpoint endpoint, IReadOnlyList<ImageReference> images, TimeProvider time, CancellationToken cancellationToken)
    {
        var finding = new Finding();
        using var client = new RegistryClient(endpoint, StoreContext.Create(time));
        await foreach (var result in new PullProof(client, new PullOptions(), time).RunAsync(images, cancellationToken))
        {
            if (result.Ok)
                finding.See($"{result.Reference}: {result.Blobs} blobs, {result.Bytes} bytes, all as their digests say");
            else
                finding.Fail($"{result.Reference}: {result.Failures[0].Message}", "The registry does not serve what it should. Test-RegistryStore on its storage says what is missing.");
        }

        return finding;
    }
}
